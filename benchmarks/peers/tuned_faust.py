"""Stock Faust with all its best settings; see ``stock_faust``."""

from benchmarks.peers.stock_faust import main

if __name__ == "__main__":
    main(tuned=True)
