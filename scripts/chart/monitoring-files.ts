/** Helm reads only files of the chart's own folder: it has copies of what is for every installation. */
export const MONITORING_FILES = ["alerts.yaml", "dashboard.json"].map((name) => ({
  from: `deploy/monitoring/${name}`,
  to: `deploy/helm/pod-secrets/files/monitoring/${name}`,
}));
