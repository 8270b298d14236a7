/** Group and key of a request as the ARN of a secret. */

/** Start and end of an ARN. */
interface NameParts {
  readonly group: string;
  readonly key: string;
}

/** Joins group and key, as Flyte does, with one colon. */
export function composeArn({ group, key }: NameParts): string {
  // By hand: an expression such as /:+$/ takes quadratic time on a name of colons.
  let end = group.length;
  while (group[end - 1] === ":") end--;
  let start = 0;
  while (key[start] === ":") start++;
  return `${group.slice(0, end)}:${key.slice(start)}`;
}

// Any partition, and what the program that fetches takes for a region.
const START = "arn:aws[a-z0-9-]{0,30}:secretsmanager:[a-z]{2,8}(?:-[a-z0-9]{1,16}){1,4}:[0-9]{12}:secret";
// AWS: letters, digits and /_+=.@- in the name, at most 512 characters.
const SECRET_ARN = new RegExp(`^${START}:[A-Za-z0-9/_+=.@-]{1,512}$`);

/** Whether the image can fetch it: it takes the region from the ARN, and ends with an error when it is none. */
export function isSecretArn(arn: string): boolean {
  return arn.length <= 1024 && SECRET_ARN.test(arn);
}
