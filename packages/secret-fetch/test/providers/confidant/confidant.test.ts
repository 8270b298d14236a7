import { describeConfidant } from "./contract.ts";
import { startConfidantDouble } from "./confidant-double.ts";

describeConfidant("Confidant's double", startConfidantDouble);
