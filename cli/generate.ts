/**
 * Writes the generated files: `npm run generate`. A test fails when they are stale.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { AttributionRow } from "../contracts/http/attribution.ts";
import { ErasedList } from "../contracts/erased-list.ts";
import { Interaction, ItemRow } from "../contracts/interactions.ts";
import {
  CatalogueRow,
  ItemFactors,
  LoadParameters,
  ScopeRow,
  SimilarityRequest,
  UserFactors,
} from "../contracts/jobs.ts";
import { KeyList } from "../contracts/key-list.ts";
import { BlockList, Manifest, Pointer, StockPointer } from "../contracts/manifest.ts";
import { ExportMetrics, LoadMetrics, SimilarityCounts, SimilarityMetrics } from "../contracts/metrics.ts";
import { Settings } from "../contracts/settings/settings.ts";
import { configurationReference } from "./configuration-reference.ts";
import { generatedDescriptors } from "./generate-descriptors.ts";
import { generatedKernels } from "./generate-kernels.ts";

const SCHEMAS = {
  interaction: Interaction,
  item: ItemRow,
  manifest: Manifest,
  pointer: Pointer,
  settings: Settings,
  "export-metrics": ExportMetrics,
  "similarity-metrics": SimilarityMetrics,
  "load-metrics": LoadMetrics,
  "similarity-request": SimilarityRequest,
  "similarity-counts": SimilarityCounts,
  "catalogue-row": CatalogueRow,
  "scope-row": ScopeRow,
  "user-factors": UserFactors,
  "item-factors": ItemFactors,
  "load-parameters": LoadParameters,
  "block-list": BlockList,
  "stock-pointer": StockPointer,
  "key-list": KeyList,
  "erased-list": ErasedList,
  "attribution-row": AttributionRow,
};

/** Contents by path, relative to the project. */
export async function generatedFiles(): Promise<Record<string, string>> {
  const schemas = Object.entries(SCHEMAS).map(([name, schema]) => {
    const head = { $schema: "https://json-schema.org/draft/2020-12/schema", title: name };
    return [`contracts/schemas/${name}.json`, JSON.stringify({ ...head, ...schema }, null, 2) + "\n"];
  });
  return {
    "docs/configuration.md": configurationReference(),
    ...Object.fromEntries(schemas),
    ...(await generatedKernels()),
    ...(await generatedDescriptors()),
  };
}

if (import.meta.main) {
  for (const [path, content] of Object.entries(await generatedFiles())) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
  }
}
