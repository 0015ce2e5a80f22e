"""Where agents buy from us: what they see, their money, and the dialects their systems speak."""
