"""The round-trip check around the state engine: who is asked, in which process, and where the answer is put on record.

The kernel (`watching`) hands components to a checker (`checker`), a child with little to do that itself starts a
worker (`worker`): the one process in which the user's unpickling code runs, and which may be killed at any time.
"""
