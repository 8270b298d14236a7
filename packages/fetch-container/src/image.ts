/** The image of an init container that an option sets. */
import * as z from "zod";

/** When a node pulls an image. */
export type ImagePullPolicy = "Always" | "IfNotPresent" | "Never";

/** Schema of the name of an image, with registry, tag or digest as the runtime takes them. */
export const imageName: z.ZodString = z.string().regex(/^[^\s]{1,1024}$/, "is no image name");

/** Schema of {@link ImagePullPolicy}. */
export const imagePullPolicy: z.ZodType<ImagePullPolicy> = z.enum(["Always", "IfNotPresent", "Never"]);
