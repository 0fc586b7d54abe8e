"""What monitoring watches: metrics, the alarms on them, and the pages that show them."""
