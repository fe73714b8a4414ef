"""The SMS gateway from the outbox to the SMSC, beside Kannel and bare smpplib, in one run with one SMSC."""
