"""What tests of the supervisor run: says who it is, then sleeps, ends with a code or ends by a signal, as asked."""

import os
import signal
import sys
import threading

if __name__ == "__main__":
    print(os.getpid(), os.getppid(), os.getsid(0), os.environ.get("COLOUR"), sys.argv[1:], flush=True)
    if sys.argv[1] == "sleep":
        threading.Event().wait(60)
    elif sys.argv[1] == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif sys.argv[1] == "raise":
        raise RuntimeError("as asked")
    sys.exit(int(sys.argv[2]) if len(sys.argv) > 2 else 0)
