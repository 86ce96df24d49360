"""Publishing: the only write path. A batch becomes one edition, whole or not at all."""
