"""The Kore.ai platform: its endpoints, words, files and refusals. Nothing here decides on a verdict."""
