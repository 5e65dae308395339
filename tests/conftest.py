"""What holds for all tests."""

import signal

# A shell starts background jobs with SIGINT ignored, and children inherit that: Ctrl+C could then not be tested.
signal.signal(signal.SIGINT, signal.default_int_handler)
