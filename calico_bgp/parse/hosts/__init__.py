"""hosts.txt: its reader and writer, and in forms/ the inventories of other programs."""
