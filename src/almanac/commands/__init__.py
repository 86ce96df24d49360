"""The commands: what they take and print. What they do is in the modules they import when they run."""
