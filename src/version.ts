/** Of this Greenlight: in the ledger, in `--version`. Kept equal to package.json by a test. */
export const version = '0.1.0';
