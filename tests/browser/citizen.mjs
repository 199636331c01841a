// How a citizen walks through the national core, as the tests need it again and again.

/** Chooses an option of a question, as a finger or a mouse does: on its label. */
export function choose(page, question, option) {
  return page.locator(`label:has(#a-${question}-${option})`).click();
}

/** Goes on to the next step. */
export function next(page) {
  return page.locator('#next').click();
}

/** The question on screen; `review` at the end. */
export function step(page) {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('.ask, .review')].filter(element => !element.hidden);
    return shown.map(element => element.id.replace(/^q-/, '')).join(' ');
  });
}

/** Rates, leaves the rest unanswered, and stops at the review. */
export async function toReview(page, stars = 4) {
  await choose(page, 'overall', stars);
  while ((await step(page)) !== 'review') await next(page);
}

/** Waits for the thanks; yields the withdrawal code. */
export async function thanked(page) {
  await page.locator('.code strong').waitFor();
  return page.locator('.code strong').innerText();
}
