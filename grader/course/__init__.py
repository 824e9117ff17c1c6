"""An exercise as data: records, reading, quiz draws, the scaffold of a new one."""
