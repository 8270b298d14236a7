import { describeInjector } from "../src/index.ts";
import { SAMPLE_CASES, sampleInjector } from "./injectors/sample.ts";

describeInjector(sampleInjector, SAMPLE_CASES);
