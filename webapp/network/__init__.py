"""The way out of this process: where requests may go, how long they may take, how much may come back."""
