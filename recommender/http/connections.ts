import type { Server } from "node:http";
import type { Socket } from "node:net";

export interface ConnectionLimits {
  maxConnections: number;
  maxConnectionsPerAddress: number;
}

/** Is told of a connection's first request under way, and when none is left. */
export interface Connections {
  begin(socket: Socket): void;
  end(socket: Socket): void;
}

/**
 * Bounds a listener's connections, of all clients and of each address. When all places are taken,
 * the one that has been idle for longest makes room: also one that has only begun a request's head.
 * So nobody keeps others out by holding connections.
 * @param refused is told of each that was closed
 */
export function limitConnections(server: Server, limits: ConnectionLimits, refused: () => void): Connections {
  /** The address of each. */
  const open = new Map<Socket, string>();
  const ofAddress = new Map<string, number>();
  /** In the order in which they became idle. */
  const idle = new Set<Socket>();

  const drop = (socket: Socket) => {
    refused();
    socket.destroy();
  };
  const forget = (socket: Socket) => {
    const address = open.get(socket)!;
    const others = ofAddress.get(address)! - 1;
    if (others === 0) ofAddress.delete(address);
    else ofAddress.set(address, others);
    open.delete(socket);
    idle.delete(socket);
  };

  server.on("connection", (socket: Socket) => {
    const address = socket.remoteAddress ?? "";
    const own = ofAddress.get(address) ?? 0;
    if (own >= limits.maxConnectionsPerAddress) return drop(socket);
    if (open.size >= limits.maxConnections) {
      const [longest] = idle;
      if (longest === undefined) return drop(socket);
      forget(longest);
      drop(longest);
    }
    open.set(socket, address);
    ofAddress.set(address, own + 1);
    idle.add(socket);
    socket.once("close", () => {
      if (open.has(socket)) forget(socket);
    });
  });

  return {
    begin: (socket) => void idle.delete(socket),
    end: (socket) => void (open.has(socket) && idle.add(socket)),
  };
}
