"""What other projects import of Countersign: `countersign.testing`. The server itself is `webapp`."""
