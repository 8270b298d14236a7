/** What an access token is for. Secret Manager knows no narrower scope; what it may do, IAM says. */
export const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
