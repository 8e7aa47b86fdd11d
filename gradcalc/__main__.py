"""``python -m gradcalc``."""

from gradcalc.commands import main

if __name__ == "__main__":
    main()
