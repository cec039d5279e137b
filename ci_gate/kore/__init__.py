"""The Kore.ai platform: its endpoints, words, files and refusals, and nothing that decides."""
