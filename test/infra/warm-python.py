"""Lets an installed gcloud and bq start in a tenth of their time.

It loads their modules once; each command is a fork.

    CLOUDSDK_PYTHON_ARGS="-S warm-python.py <folder>" gcloud

The wrapper of gcloud starts this file with the Python and the environment that it has found. This
file writes a program `python` to the folder. With CLOUDSDK_PYTHON set to it, gcloud and bq run as
usual, but on modules that are loaded already.
"""

import array
import atexit
import gc
import importlib
import json
import os
import runpy
import select
import signal
import socket
import sys
import threading

SCRIPTS = ["lib/gcloud.py", "bin/bootstrapping/bq.py", "platform/bq/bq.py"]
# The wrapper derives these from the Python that it finds. It must not derive them again from our
# program.
DECIDED = ["CLOUDSDK_PYTHON_ARGS", "CLOUDSDK_PYTHON_SITEPACKAGES"]

# Asks for a fork that runs a script. Other words are for the real Python.
CLIENT = """#!{python} -IS
import array, json, os, socket, sys
words = sys.argv[1:]
flags = next((k for k, word in enumerate(words) if word != "-S"), len(words))
address = {addresses}.get(os.path.realpath(words[flags])) if flags < len(words) else None
if address is None:
    os.execv({python!r}, [{python!r}, *words])
asked = {{"args": words[flags + 1 :], "cwd": os.getcwd(), "env": dict(os.environ)}}
connection = socket.socket(socket.AF_UNIX)
connection.connect(address)
files = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [0, 1, 2]))]
message = json.dumps(asked).encode() + b"\\n"
sent = connection.sendmsg([message], files)
connection.sendall(message[sent:])
sys.exit(int(connection.recv(4) or 1))
"""


def main() -> None:
    folder = sys.argv[1]
    root = os.path.realpath(os.environ["CLOUDSDK_ROOT_DIR"])
    os.environ["CLOUDSDK_PYTHON_ARGS"] = "-S" if sys.flags.no_site else ""
    addresses = {}
    for number, name in enumerate(SCRIPTS):
        script = os.path.join(root, name)
        if not os.path.exists(script):
            continue
        addresses[script] = os.path.join(folder, f"{number}.sock")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(addresses[script])
        listener.listen(64)
        if os.fork() == 0:
            return serve(script, listener)
    client = os.path.join(folder, "python")
    with open(client, "w") as file:
        file.write(CLIENT.format(python=sys.executable, addresses=repr(addresses)))
    os.chmod(client, 0o755)
    print("ready", flush=True)
    signal.pause()


def serve(script: str, listener: socket.socket) -> None:
    """Forks for every connection, and afterwards loads the modules that the fork had to load."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    sys.path[0] = os.path.dirname(script)
    runpy.run_path(script, run_name="not main")
    loaded, tell = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    while True:
        for ready in select.select([listener, loaded], [], [])[0]:
            if ready is loaded:
                load(loaded.recv(1 << 20).decode().split())
                continue
            connection, _ = listener.accept()
            if os.fork() == 0:
                listener.close()
                return run(script, connection, tell)
            connection.close()


def load(names: list[str]) -> None:
    for name in names:
        try:
            importlib.import_module(name)
        except Exception:
            # Modules that a command generates cannot be loaded: the next command generates its own.
            pass
    # Otherwise the collector of every fork would visit all objects, and so copy their memory.
    gc.collect()
    gc.freeze()


def run(script: str, connection: socket.socket, tell: socket.socket) -> None:
    """Runs the script as if it had just started.

    It gets the other side's arguments, files and environment.
    """
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    message, rights, _, _ = connection.recvmsg(1 << 20, socket.CMSG_SPACE(3 * array.array("i").itemsize))
    while not message.endswith(b"\n"):
        message += connection.recv(1 << 20)
    asked = json.loads(message)
    files = array.array("i")
    files.frombytes(rights[0][2])
    for number, file in enumerate(files):
        os.dup2(file, number)
        os.close(file)
    decided = {name: os.environ[name] for name in DECIDED if name in os.environ}
    os.chdir(asked["cwd"])
    os.environ.clear()
    os.environ.update(asked["env"] | decided)
    sys.argv = [script, *asked["args"]]
    before = set(sys.modules)
    status = 1
    try:
        runpy.run_path(script, run_name="__main__")
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
    threading._shutdown()
    atexit._run_exitfuncs()
    sys.stdout.flush()
    sys.stderr.flush()
    tell.send("\n".join(name for name in sys.modules if name not in before).encode())
    connection.sendall(b"%d" % status)
    os._exit(status)


if __name__ == "__main__":
    main()
