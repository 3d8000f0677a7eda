"""Transports that deliver a message to one recipient: SMTP, sendmail, Maildir and webhook."""
