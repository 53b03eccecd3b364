// Purpose: items by id, title or words of the title, those that fit best first; misspelt words fit, too.
//          fits is 'id', 'title' (whole, with or without its year) or 'words'.
// Params:  name (INTEGER|STRING), n (INTEGER, default 10)
// Returns: itemId, title, year, interactions, fits
// Mode:    READ, managed transaction
// Theme:   Items
OPTIONAL MATCH (dataset:Dataset)
WITH
  coalesce(dataset.interactionType, 'RATED') AS interactionType,
  toLower(trim(toString($name))) AS asked
WITH
  interactionType,
  asked,
  [
    word IN
    split(
      reduce(
        text = asked,
        sign IN [
          '+',
          '-',
          '&',
          '|',
          '!',
          '(',
          ')',
          '{',
          '}',
          '[',
          ']',
          '^',
          '"',
          '~',
          '*',
          '?',
          ':',
          '\\',
          '/',
          ',',
          '.',
          '<',
          '>',
          '='
        ] |
          replace(text, sign, ' ')),
      ' '
    )
    WHERE word <> ''
  ] AS words
CALL (asked, words) {
  MATCH (m:Item)
  WHERE m.itemId IN [$name, toIntegerOrNull($name)]
  RETURN m, 3 AS place, 0.0 AS score
    UNION
  WITH asked, words
  WHERE size(words) > 0
  CALL
    db.index.fulltext.queryNodes(
      'item_words',
      reduce(text = '', word IN words | text + word + '^4 ' + word + '~ '),
      {limit: 1000}
    )
    YIELD node AS m, score
  WITH asked, m, score, toLower(coalesce(m.title, m.name)) AS title
  RETURN
    m,
    CASE
      WHEN asked IN [title, title + ' (' + toString(m.year) + ')'] THEN 2
      ELSE 1
    END AS place,
    score
}
WITH interactionType, m, max(place) AS place, max(score) AS score
ORDER BY place DESC, score DESC, m.itemId
LIMIT toInteger($n)
RETURN
  m.itemId AS itemId,
  coalesce(m.title, m.name, toString(m.itemId)) AS title,
  m.year AS year,
  COUNT { (m)<-[:$(interactionType)]-() } AS interactions,
  ['words', 'title', 'id'][place - 1] AS fits
ORDER BY place DESC, score DESC, itemId
