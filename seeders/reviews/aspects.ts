/** Topics of reviews. The words of each sentence match its sentiment. */
export interface Aspect {
  readonly name: string;
  readonly titles: Readonly<Record<Tone, string>>;
  readonly sentences: Readonly<Record<Tone, readonly string[]>>;
}

export type Tone = 'positive' | 'neutral' | 'negative';

function aspect(
  name: string,
  titles: readonly [positive: string, neutral: string, negative: string],
  positive: readonly string[],
  neutral: readonly string[],
  negative: readonly string[],
): Aspect {
  const [good, fair, bad] = titles;
  return { name, titles: { positive: good, neutral: fair, negative: bad }, sentences: { positive, neutral, negative } };
}

export const aspects = {
  battery: aspect(
    'battery',
    ['Great battery life', 'Battery life is average', 'Battery dies far too soon'],
    [
      'The battery easily lasts two full days.',
      'I love how quickly the battery charges, and how long it holds.',
      'Battery life is excellent, even after months of daily use.',
    ],
    ['The battery lasts about a day.', 'It takes around two hours until the battery is full.'],
    [
      'The battery is dead by noon, which is useless on a trip.',
      'After a month the battery hardly holds a charge, very disappointing.',
      'The battery gets worryingly hot while it charges.',
    ],
  ),
  screen: aspect(
    'screen',
    ['A beautiful screen', 'The screen does its job', 'The screen is a letdown'],
    [
      'The screen is bright, sharp and a pleasure to look at.',
      'Colours on the screen look fantastic, even in sunlight.',
      'The display is the best that I have seen at this price.',
    ],
    ['The screen has the size that the box says.', 'The screen is neither very bright nor very dark.'],
    [
      'The screen flickers and gives me a headache.',
      'There was an ugly scratch on the screen right out of the box.',
      'Outdoors the screen is so dim that I cannot read anything.',
    ],
  ),
  sound: aspect(
    'sound',
    ['Wonderful sound', 'The sound is okay', 'Awful sound'],
    [
      'The sound is rich and clear, with a lovely warm bass.',
      'Calls sound perfect, and everybody hears me well.',
      'I am impressed by how good the sound is for its size.',
    ],
    ['The sound is what one expects of this class.', 'It is loud enough for a small room.'],
    [
      'The sound is tinny and crackles at any volume.',
      'One side went silent after two weeks, terrible sound quality.',
      'Voices sound muffled, and the bass is a mess.',
    ],
  ),
  quality: aspect(
    'build quality',
    ['Superb build quality', 'Build quality as expected', 'Cheaply made'],
    [
      'The build quality is superb, nothing creaks or wobbles.',
      'It feels solid and well made, a joy to hold.',
      'It has survived several falls, so it is impressively sturdy.',
    ],
    ['It is made of plastic, as shown in the pictures.', 'It weighs a little less than the old model.'],
    [
      'A hinge broke after three weeks, the build quality is poor.',
      'It feels flimsy and cheap, I am afraid to touch it.',
      'The seams came apart, shoddy work for that much money.',
    ],
  ),
  delivery: aspect(
    'delivery',
    ['Fast delivery', 'Delivery took the usual time', 'Late delivery, damaged box'],
    [
      'Delivery was fast, a day earlier than promised.',
      'It arrived perfectly packed, and the courier was friendly.',
      'I am delighted with how smooth the delivery was.',
    ],
    ['Delivery took four days.', 'The parcel was left with a neighbour.'],
    [
      'Delivery took three weeks, and nobody answered my messages.',
      'The parcel arrived crushed, with parts missing.',
      'The courier never rang, and I had to collect it myself, annoying.',
    ],
  ),
  price: aspect(
    'price',
    ['Excellent value for money', 'A usual price', 'Overpriced'],
    [
      'Great value, I would happily pay more for it.',
      'For this price you will not find anything better.',
      'The price is very fair for what you get.',
    ],
    ['The price is about the same everywhere.', 'I bought it at the regular price.'],
    [
      'It is badly overpriced for what it does.',
      'The price went up twice this year, and nothing got better.',
      'A waste of money, I regret paying for it.',
    ],
  ),
  support: aspect(
    'support',
    ['Friendly and quick support', 'Support answered', 'Support is hopeless'],
    [
      'Support solved my problem within an hour, wonderful people.',
      'The support team was kind, patient and really helpful.',
      'I got a replacement without any questions, excellent support.',
    ],
    ['Support replied after two days.', 'I wrote to support once, about an invoice.'],
    [
      'Support kept sending the same useless answer.',
      'I waited on hold for an hour, and support was rude in the end.',
      'They refuse a refund and ignore my mails, horrible support.',
    ],
  ),
  setup: aspect(
    'setup',
    ['Easy to set up', 'Setup takes a while', 'Setup is a nightmare'],
    [
      'Setup took five minutes and just worked, brilliant.',
      'The instructions are clear, so even my parents enjoyed the setup.',
      'Pairing it with everything else was pleasantly simple.',
    ],
    ['Setup asks for an account first.', 'The manual has forty pages.'],
    [
      'Setup failed three times, and the manual is no help at all.',
      'It loses its connection every day, so I set it up again and again.',
      'The instructions are confusing and full of mistakes.',
    ],
  ),
  design: aspect(
    'design',
    ['Lovely design', 'A plain design', 'Clumsy design'],
    [
      'The design is elegant, and every button is where it should be.',
      'It looks gorgeous and is a delight to use.',
      'I love the clean new layout.',
    ],
    ['The design is the same as last year.', 'It comes in black and in white.'],
    [
      'The design is confusing, and I never find anything.',
      'Buttons are tiny and badly placed, so it is frustrating to use.',
      'The new layout is ugly and hides what I need.',
    ],
  ),
  updates: aspect(
    'updates',
    ['Updates make it better and better', 'There was an update', 'The update broke everything'],
    [
      'Every update brings useful features, well done.',
      'The developers listen, and the latest update fixed what bothered me.',
      'Updates are quick and painless, I am very happy with them.',
    ],
    ['There is an update about once a month.', 'The latest update changed the icon.'],
    [
      'Since the update it crashes each time that I open it.',
      'The last update deleted my settings, I am furious.',
      'They promise fixes in every update, and it only gets worse.',
    ],
  ),
  privacy: aspect(
    'privacy',
    ['Respects your privacy', 'Read the privacy settings', 'A privacy disaster'],
    [
      'I trust it with my data, since the privacy settings are honest and clear.',
      'No ads and no tracking, a great relief.',
      'It works without an account, which is wonderful for privacy.',
    ],
    ['The privacy settings are under the account.', 'It asks for access to the camera.'],
    [
      'It wants my contacts and location for no reason, which is creepy.',
      'Ads everywhere, and the privacy settings reset themselves, shameful.',
      'My address was leaked, an unforgivable privacy failure.',
    ],
  ),
  service: aspect(
    'service',
    ['Outstanding service', 'Ordinary service', 'Rude and slow service'],
    [
      'The staff was warm and attentive, outstanding service.',
      'We felt welcome from the first minute, and the service was quick.',
      'They remembered us and surprised us with a treat, so kind.',
    ],
    ['Somebody came to us after ten minutes.', 'There is service at the table and at the counter.'],
    [
      'We waited forever, and the service was rude.',
      'They got our order wrong twice and did not even apologise.',
      'The staff ignored us, I have never felt so unwelcome.',
    ],
  ),
  food: aspect(
    'food',
    ['Delicious food', 'The food is fine', 'Cold and tasteless food'],
    [
      'The food was delicious, fresh and beautifully presented.',
      'Best breakfast in town, I loved every bite.',
      'The soup alone is worth the trip, amazing flavours.',
    ],
    ['The menu changes with the season.', 'There are dishes with and without meat.'],
    [
      'The food was cold, greasy and without any taste.',
      'My meal was undercooked, and I felt sick afterwards.',
      'Tiny portions and stale bread, a sad dinner.',
    ],
  ),
  location: aspect(
    'location',
    ['Perfect location', 'Location near the station', 'Noisy location'],
    [
      'The location is perfect, quiet and close to everything.',
      'A stunning view of the water, we enjoyed every evening.',
      'Easy to reach, with plenty of free parking, great.',
    ],
    ['It is ten minutes from the station.', 'There is parking behind the house.'],
    [
      'The location is awful, with trucks passing all night.',
      'We could not find parking anywhere, and the street feels unsafe.',
      'Right beside a building site, so noisy that nobody slept.',
    ],
  ),
  cleanliness: aspect(
    'cleanliness',
    ['Spotless', 'Clean enough', 'Dirty'],
    [
      'Everything was spotless and smelled fresh.',
      'The rooms are bright and perfectly clean.',
      'You can tell that they care, it was impressively clean.',
    ],
    ['The rooms are cleaned in the morning.', 'Towels are changed on request.'],
    [
      'The bathroom was filthy, with hair in the sink.',
      'Sticky tables and dirty glasses, disgusting.',
      'It smelled of smoke, and the carpet had stains everywhere.',
    ],
  ),
  story: aspect(
    'story',
    ['A gripping story', 'A simple story', 'A boring story'],
    [
      'The story is gripping and moved me to tears.',
      'Brilliant writing, I loved the ending.',
      'The characters are wonderful and feel real.',
    ],
    ['The story is told in three parts.', 'It takes place in the north, in winter.'],
    [
      'The story is dull and full of holes.',
      'The ending is a lazy, disappointing mess.',
      'I did not care for a single one of the boring characters.',
    ],
  ),
  graphics: aspect(
    'graphics',
    ['Stunning pictures', 'The pictures are decent', 'Ugly and dark pictures'],
    [
      'The graphics are stunning, every scene is a painting.',
      'It looks beautiful and runs smoothly.',
      'The light and the landscapes are breathtaking, a visual treat.',
    ],
    ['The graphics are in the style of the first part.', 'It shows subtitles in nine languages.'],
    [
      'The graphics are ugly and look ten years old.',
      'It is so dark that you see nothing, a visual mess.',
      'Cheap effects ruin every scene.',
    ],
  ),
  performance: aspect(
    'performance',
    ['Runs fast and smoothly', 'Performance depends on the device', 'Slow and full of crashes'],
    [
      'It runs fast and smoothly, not one crash so far.',
      'Pages open instantly, the performance is amazing.',
      'It is impressively quick, even on my old device.',
    ],
    ['It needs two gigabytes of memory.', 'It starts in about five seconds.'],
    [
      'It is painfully slow and freezes all the time.',
      'It crashed and lost an hour of my work, unacceptable.',
      'The lag is unbearable, so I gave up.',
    ],
  ),
} as const satisfies Record<string, Aspect>;

export type AspectName = keyof typeof aspects;
