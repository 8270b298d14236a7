import { describeInjector } from "../src/index.ts";
import { FETCHER_CASES, fetcherInjector } from "./injectors/fetcher.ts";
import { SAMPLE_CASES, sampleInjector } from "./injectors/sample.ts";

describeInjector(sampleInjector, SAMPLE_CASES);
describeInjector(fetcherInjector, FETCHER_CASES);
