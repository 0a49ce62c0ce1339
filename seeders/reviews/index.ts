/** Reviews whose words, titles, stars and scores match. */
export { composeReview, type Review } from './compose';
export { emotionsFor, ratingFor, scoreFor, scores, sentimentFor, type Sentiment } from './sentiment';
export { subjectFor, type Subject } from './subjects';
