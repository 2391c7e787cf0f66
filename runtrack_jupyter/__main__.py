"""``python -m runtrack_jupyter`` is the command line."""

from runtrack_jupyter.cli import main

if __name__ == "__main__":
    main()
