import { Type, type Static, type TSchema } from "typebox";
import { integer } from "./schema.ts";

/** What differs between the settings of two gRPC servers. */
interface Of {
  /** As a sentence has it: "the Personalizer". */
  who: string;
  port: number;
  maxCalls: number;
  /** What its streams are. */
  streams: string;
}

const schemas = ({ who, port, maxCalls, streams }: Of) => ({
  host: Type.String({
    description: `address that ${who} listens on; it knows no access control of its own`,
    default: "127.0.0.1",
  }),
  port: integer(`port that ${who} listens on`, port, 0, 65_535),
  maxCalls: integer(
    "calls at work at once; further ones are told to come again (RESOURCE_EXHAUSTED)",
    maxCalls,
    1,
    65_535,
  ),
  maxStreams: integer(`${streams} open at once, health watches and reflection among them`, 100, 1, 65_535),
  opsHost: Type.String({
    description: `address of the operator's listener of ${who}: metrics`,
    default: "127.0.0.1",
  }),
  opsPort: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 65_535,
      description: `port of the operator's listener of ${who} (default: there is none)`,
    }),
  ),
});

type Schemas = ReturnType<typeof schemas>;
type Named<N extends string> = { [K in keyof Schemas as `${N}.${K}`]: Schemas[K] };

/** The addresses and limits of a gRPC server: settings whose names begin with the server's. */
export const grpcServer = <N extends string>(name: N, of: Of): Named<N> =>
  Object.fromEntries(
    Object.entries<TSchema>(schemas(of)).map(([key, schema]) => [`${name}.${key}`, schema]),
  ) as unknown as Named<N>;

/** The settings of one server, and the name that they begin with. */
export type GrpcServerSettings = Static<ReturnType<typeof Type.Object<Schemas>>> & { name: string };

/** The settings of the server of this name. */
export function grpcServerOf<N extends string>(
  name: N,
  settings: Static<ReturnType<typeof Type.Object<Named<N>>>>,
): GrpcServerSettings {
  const given = settings as Record<string, unknown>;
  const keys = Object.keys(schemas({ who: "", port: 0, maxCalls: 1, streams: "" }));
  const own = keys.map((key) => [key, given[`${name}.${key}`]]).filter(([, value]) => value !== undefined);
  return { name, ...Object.fromEntries(own) } as GrpcServerSettings;
}
