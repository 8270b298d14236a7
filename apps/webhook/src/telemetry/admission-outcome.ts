/** What becomes of an admission. */
export type AdmissionOutcome = "changed" | "unchanged" | "refused" | "ignored" | "failed";
