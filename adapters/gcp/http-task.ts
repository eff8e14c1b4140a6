import { accountEmail, functionAddress, type Account } from "../../contracts/google-names.ts";
import type { Settings } from "../../contracts/settings/settings.ts";
import { projectOf, type Place } from "./clients.ts";

/** Tasks of Cloud Tasks that bring a body to a function, with a token of an account. */
export function tasksFor(
  settings: Place & Pick<Settings, "functionsUrl">,
  account: Account,
): (name: string, body: object, headers?: Record<string, string>) => object {
  const project = projectOf(settings);
  const serviceAccountEmail = accountEmail(account, project);
  return (name, body, headers = {}) => {
    const url = functionAddress({ ...settings, project }, name);
    return {
      url,
      httpMethod: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: Buffer.from(JSON.stringify(body)),
      oidcToken: { serviceAccountEmail, audience: url },
    };
  };
}
