/** Bytes, a URL, or a path. A path is read in Node; in browsers it is fetched as a URL relative to the page. */
export type ArtifactSource = string | Uint8Array;

/** Where a circuit's compiled witness program and proving key are. */
export type Artifacts = { readonly wasm: ArtifactSource; readonly zkey: ArtifactSource };

/** A server did not give an artifact. */
export class ArtifactNotFetched extends Error {
  override name = "ArtifactNotFetched";
  constructor(url: string, reason: string, options?: ErrorOptions) {
    super(`${url} cannot be fetched: ${reason}; serve the circuit's wasm and zkey there or give their bytes`, options);
  }
}

/**
 * What snarkjs is given: bytes, or a path it reads itself. URLs are fetched here, because snarkjs takes one for a path in
 * Node, and in a browser takes an error page for a key.
 */
export async function openArtifact(source: ArtifactSource): Promise<ArtifactSource> {
  if (typeof source !== "string" || !isFetched(source)) return source;
  let response: Response;
  try {
    response = await fetch(source);
  } catch (cause) {
    throw new ArtifactNotFetched(source, cause instanceof Error ? cause.message : String(cause), { cause });
  }
  if (!response.ok) throw new ArtifactNotFetched(source, `the server answers ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

const isFetched = (source: string): boolean => /^(?:https?|blob|data):/.test(source) || typeof process === "undefined";
