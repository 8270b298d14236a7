import type { InjectionContext } from "../injector.ts";
import type { Container } from "../pod.ts";

/** The container as the pod arrived with it: what is in that one is the user's. */
export function originalContainer({ name }: Container, { userPod }: InjectionContext): Container | undefined {
  const { spec } = userPod;
  const same = (candidate: Container): boolean => candidate.name === name;
  return spec?.containers?.find(same) ?? spec?.initContainers?.find(same);
}
