"""Measures the head and VADER on the labelled sentences: measure.py <folder of the data>.

Prints JSON for bench/sentiment.ts, which explains it.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path

from crossvalidate import accuracy, unseen_domain
from features import features
from sentences import read_sentences
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

sentences = read_sentences(Path(sys.argv[1]))
inputs = features(sentences)
vader = SentimentIntensityAnalyzer()
measured = {
    "sentences": [asdict(sentence) for sentence in sentences],
    "vader": [vader.polarity_scores(sentence.text)["compound"] for sentence in sentences],
    "halves": accuracy(sentences, inputs),
    "unseen": unseen_domain(sentences, inputs),
}
print(json.dumps(measured))
