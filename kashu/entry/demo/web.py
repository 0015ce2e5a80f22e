"""The demo's server process: `python -m kashu.entry.demo.web PARENT`: web and worker, as they ship.

Apart from the demo's own: its buyers and its platforms don't slow down what they call.
"""

import sys

from kashu.entry.demo.settings import demo_settings
from kashu.entry.logs import set_up_logs
from kashu.entry.parent import end_with
from kashu.entry.serve import serve_on
from kashu.entry.startup import start_up
from kashu.entry.together import WorkerProcess

if __name__ == "__main__":
    end_with(int(sys.argv[1]))
    settings = demo_settings()
    set_up_logs(settings)
    with start_up(settings) as ground, WorkerProcess(ground):
        serve_on(ground)
