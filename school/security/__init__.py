"""Encryption, passwords, PINs, lock-outs and telephone numbers."""
