import { credentials, Metadata, type ChannelCredentials } from "@grpc/grpc-js";
import type { IdTokenClient } from "google-auth-library";
import type { Settings } from "../../contracts/settings/settings.ts";

/** How a service is called: the settings `personal.auth` and `reviews.auth`. */
export type Auth = Settings["personal.auth"];

/**
 * The credentials for a service at `host:port`. `google` is TLS and an identity token for it, which
 * the client keeps until it expires.
 */
export function credentialsFor(address: string, auth: Auth): ChannelCredentials {
  if (auth === "none") return credentials.createInsecure();
  const token = identityTokens(new URL(`https://${address}`).origin);
  // Not createFromGoogleCredential: it reads no Headers, so that it would send no token.
  const withToken = credentials.createFromMetadataGenerator((_, done) => {
    token().then(
      (authorization) => {
        const metadata = new Metadata();
        metadata.set("authorization", authorization);
        done(null, metadata);
      },
      (error: Error) => done(error),
    );
  });
  return credentials.combineChannelCredentials(credentials.createSsl(), withToken);
}

/** Tokens of the account that this process runs as: on Google Cloud from its metadata server. */
function identityTokens(audience: string): () => Promise<string> {
  let opened: Promise<IdTokenClient> | undefined;
  return async () => {
    opened ??= import("google-auth-library").then(({ GoogleAuth }) =>
      new GoogleAuth().getIdTokenClient(audience),
    );
    try {
      const headers = await (await opened).getRequestHeaders();
      return headers.get("authorization")!;
    } catch (error) {
      // What failed once may be there with the next call.
      opened = undefined;
      throw error;
    }
  };
}
