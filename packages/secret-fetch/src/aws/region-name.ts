/** Names of regions. */

/** AWS: lower-case letters, digits and hyphens. It becomes a part of a host name, where `s3` would be another service. */
const NAME = "[a-z]{2,8}(?:-[a-z0-9]{1,16}){1,4}";
const REGION = new RegExp(`^${NAME}$`);
const ARN = new RegExp(`^arn:aws[a-z0-9-]{0,30}:[a-z0-9-]{1,30}:(${NAME}):`);

export function isRegion(text: string): boolean {
  return REGION.test(text);
}

/** The region that an ARN of any service names; undefined when it names none, or is no ARN. */
export function regionOfArn(arn: string): string | undefined {
  return ARN.exec(arn)?.[1];
}
