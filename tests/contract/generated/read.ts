// What a caller would write over the types that openapi-typescript generates as `v1.ts`: checked by tsc, then run by Node.
import type { components, paths } from "./v1.js";

type Reads = { [P in keyof paths]: paths[P] extends { get: { responses: { 200: unknown } } } ? P : never }[keyof paths];
type Get<P extends Reads> = paths[P]["get"];
type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Body<P extends Reads> = Get<P> extends { responses: { 200: infer Ok } } ? Json<Ok> : never;
type Given<P extends Reads> = Get<P> extends { parameters: { path?: infer Path; query?: infer Query } }
  ? { path?: Path; query?: Query } : never;

const base = process.argv[2];
if (base === undefined) throw new Error("node read.js http://127.0.0.1:8000");

async function get<P extends Reads>(path: P, given: Given<P>, headers: Record<string, string> = {}) {
  let url: string = path;
  for (const [name, value] of Object.entries(given.path ?? {})) url = url.replace(`{${name}}`, encodeURIComponent(String(value)));
  const query = new URLSearchParams(Object.entries(given.query ?? {}).map(([name, value]) => [name, String(value)]));
  return fetch(`${base}${url}?${query}`, { headers });
}

async function read<P extends Reads>(path: P, given: Given<P>): Promise<Body<P>> {
  const answer = await get(path, given);
  if (answer.status !== 200) throw new Error(`${answer.url}: ${answer.status}`);
  return (await answer.json()) as Body<P>;
}

function equal(got: unknown, wanted: unknown): void {
  if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${JSON.stringify(got)} is not ${JSON.stringify(wanted)}`);
}

const company = await read("/v1/companies/{company}", { path: { company: "lei:3003004FBGVVG1CW5U45" } });
const id: string = company.data.id;
equal(id, "zte");

const rows: components["schemas"]["Emission"][] = [];
let cursor: string | null = null;
do {
  const page: Body<"/v1/emissions"> = await read("/v1/emissions", {
    query: { company: "netflix", limit: 5, ...(cursor === null ? {} : { cursor }) },
  });
  rows.push(...page.data);
  cursor = page.meta.next_cursor;
} while (cursor !== null);
const whole = await read("/v1/emissions", { query: { company: "netflix", limit: 500 } });
equal(rows.map((row) => row.id), whole.data.map((row) => row.id));
const value: number | null = rows[0]!.value;
equal(value === null || Number.isFinite(value), true);

const versions = await read("/v1/disclosures/{id}/versions", { path: { id: rows[0]!.id } });
equal(versions.data[0]!.version, 1);

const missing = await get("/v1/companies/{company}", { path: { company: "no-such-company" } });
const problem = (await missing.json()) as components["schemas"]["Problem"];
equal([missing.status, problem.type], [404, "/problems/not-found"]);

const given = { path: { company: "zte" } };
const etag = (await get("/v1/companies/{company}", given)).headers.get("etag") ?? "";
const same = await get("/v1/companies/{company}", given, { "If-None-Match": etag });
equal([same.status, await same.text()], [304, ""]);
console.log(`${rows.length} rows`);
