"""The page: the ledger for people, in a browser. Needs the extra ``page``; nothing else imports it."""
