/**
 * What is known against the MinIO that ships. No release repairs it, since its project is archived; why each is accepted
 * is said in supply-chain/accepted.json.
 */
export const minioFlaws = [
  "CVE-2026-33419",
  "CVE-2026-34204",
  "CVE-2026-39414",
  "CVE-2026-40344",
  "CVE-2026-41145",
  "GHSA-5cx5-wh4m-82fh",
] as const;
