"""What somebody bought, from the moment it is paid to the card that fulfils it."""
