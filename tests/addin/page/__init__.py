"""The page in Chromium, over a real `sheetsync serve`."""
