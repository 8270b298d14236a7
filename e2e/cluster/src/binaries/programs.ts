/** The programs, in the words that they are called by. */
export const PROGRAMS = [
  "etcd",
  "kube-apiserver",
  "kubectl",
  "kube-controller-manager",
  "kube-scheduler",
  "kubelet",
  "kube-proxy",
] as const;

export type ProgramName = (typeof PROGRAMS)[number];
