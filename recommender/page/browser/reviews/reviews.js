/** What customers say of a product: stars, texts, and their sentiment as it comes. */
import { getReviews } from "../api.js";
import { element } from "../dom.js";
import { growing, whileShown } from "../patience.js";
import { reviewForm } from "./form.js";
import { ratingView, starsView } from "./stars.js";
import { sentence } from "../words.js";

/** @typedef {import("../api.js").Review} Review */
/** @typedef {import("./stars.js").Rating} Rating */

const AT_ONCE = 5;
/** As many as one answer has. */
const MOST_FOLLOWED = 100;

/** The part of a product's page that has its reviews. It loads by itself. */
export class Reviews {
  /** Mean and count, to stand beside the product's name. */
  rating = element("p", { class: "rating" });
  #list = element("ol", { class: "reviews" });
  #note = element("p", { class: "still" }, "Loading…");
  #more = element(
    "button",
    { type: "button", hidden: true, click: () => void this.#showMore() },
    "More reviews",
  );
  section = element(
    "section",
    { "aria-labelledby": "reviews-title" },
    element("h2", { id: "reviews-title" }, "Reviews"),
    this.#note,
    this.#list,
    this.#more,
  );
  /** Reviews that are shown, and where. @type {Map<string, { review: Review, line: HTMLElement }>} */
  #shown = new Map();
  /** @type {string | null} */
  #next = null;
  /** Counts how often following has begun: the latest goes on. */
  #followings = 0;

  /**
   * @param {string} item
   * @param {NonNullable<import("../api.js").ShopAnswer["reviews"]>} taking
   * @param {(text: string) => void} say
   */
  constructor(item, { maxCharacters, service }, say) {
    this.item = item;
    this.service = service;
    this.say = say;
    this.section.append(reviewForm(item, maxCharacters, (review) => this.#sent(review)));
    void this.#showMore();
  }

  async #showMore() {
    const before = this.#list.lastElementChild;
    try {
      const { rating, reviews, next } = await getReviews(this.item, AT_ONCE, this.#next ?? undefined);
      for (const review of reviews)
        if (!this.#shown.has(review.review)) this.#list.append(this.#lineOf(review));
      this.#next = next;
      this.#more.hidden = next === null;
      this.#showRating(rating);
      // The button may be gone, and who uses the keyboard goes on from what is new.
      if (before?.nextElementSibling instanceof HTMLElement) before.nextElementSibling.focus();
      void this.#follow();
    } catch (error) {
      this.#note.textContent = sentence(error instanceof Error ? error.message : `${error}`);
      this.#note.hidden = false;
    }
  }

  /** @param {Review} review */
  #sent(review) {
    const { line } = this.#shown.get(review.review) ?? {};
    const own = line ?? this.#lineOf(review);
    this.#list.prepend(own);
    this.#note.hidden = true;
    own.focus();
    this.say("Your review is stored.");
    void this.#follow(true);
  }

  /** @param {Rating | null} rating */
  #showRating(rating) {
    this.#note.textContent = rating === null ? "Nobody has written one yet." : "";
    this.#note.hidden = rating !== null;
    this.rating.replaceChildren(rating === null ? "No reviews yet" : ratingView(rating));
  }

  /** @param {Review} review */
  #lineOf(review) {
    const line = element("li", { tabindex: -1 }, ...contentOf(review, this.service));
    this.#shown.set(review.review, { review, line });
    return line;
  }

  #awaits = () => [...this.#shown.values()].some(({ review }) => isAwaited(review));

  /**
   * Asks again until all sentiments that are shown are known.
   * @param {boolean} [once] also if they are: the rating has changed
   */
  async #follow(once = false) {
    const mine = ++this.#followings;
    let isAsked = !once;
    for await (const _ of whileShown(this.section, growing(500, 30_000))) {
      if (mine !== this.#followings || (isAsked && !this.#awaits())) return;
      const n = Math.min(Math.max(this.#shown.size, 1), MOST_FOLLOWED);
      const answer = await getReviews(this.item, n).catch(() => null);
      if (answer === null || mine !== this.#followings) continue;
      isAsked = true;
      this.#showRating(answer.rating);
      for (const review of answer.reviews) this.#update(review);
    }
  }

  /** @param {Review} review */
  #update(review) {
    const known = this.#shown.get(review.review);
    if (!known || known.review.sentiment === review.sentiment) return;
    known.line.replaceChildren(...contentOf(review, this.service));
    known.review = review;
    this.say(`A review has been read: it sounds ${sentimentWord(review.sentiment)}.`);
  }
}

/** A text is read some time after it has come. @param {Review} review */
const isAwaited = ({ sentiment, text }) => sentiment === null && text.trim() !== "";

/** @param {Review} review @param {Reviews["service"]} service */
function contentOf(review, service) {
  const { stars, text, sentiment, at } = review;
  return [
    element(
      "div",
      { class: "review-head" },
      starsView(stars),
      element("time", { datetime: at }, at.slice(0, 10)),
    ),
    ...(text.trim() === "" ? [] : [element("p", { class: "review-text" }, text)]),
    ...(isAwaited(review) ? [element("p", { class: "why" }, awaitedText(service))] : []),
    ...(sentiment === null ? [] : [sentimentView(sentiment)]),
  ];
}

/** @param {Reviews["service"]} service */
const awaitedText = (service) =>
  service === "answers" || service === "elsewhere"
    ? "Its sentiment is on its way."
    : "Its sentiment comes when the inference service reads it. If there is no model yet: npm run model:sentiment (needs Python 3.11 or newer).";

/** @param {number} sentiment */
function sentimentView(sentiment) {
  const word = sentimentWord(sentiment);
  const bar = element("span", { class: "sentiment-bar", "aria-hidden": "true" });
  bar.style.setProperty("--part", `${sentiment}`);
  return element("p", { class: `why sentiment ${word}` }, bar, `sounds ${word} (${sentiment.toFixed(2)})`);
}

/** @param {number | null} sentiment */
function sentimentWord(sentiment) {
  if (sentiment === null) return "unclear";
  return sentiment < 0.35 ? "negative" : sentiment > 0.65 ? "positive" : "mixed";
}
