"""What the law on personal information asks of us (个人信息保护法): notices, consents, copies, corrections, erasure."""
