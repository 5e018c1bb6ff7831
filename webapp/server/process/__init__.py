"""A process of a server: its log, its signs of life, its clock, its folders, and how it stops."""
