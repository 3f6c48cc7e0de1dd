// The other side of the card: satori lays it out as SVG, resvg-js makes a PNG of that. Reads the card's words and places
// as a line of JSON from standard input, answers each with the milliseconds that it took. With the name of a file as its
// argument it also writes the picture there.
import { readFileSync, writeFileSync } from 'node:fs';
import readline from 'node:readline';
import { Resvg } from '@resvg/resvg-js';
import QRCode from 'qrcode';
import satori from 'satori';

const face = (file, weight) => ({
  name: 'Inter',
  data: readFileSync(`/usr/share/fonts/opentype/inter/${file}.otf`),
  weight,
  style: 'normal',
});
const fonts = [face('Inter-Regular', 400), face('Inter-Bold', 700)];

const node = (type, props) => ({ type, props });
const at = ([left, top, width, height]) => ({ position: 'absolute', left, top, width, height });

async function draw({ size: [width, height], title, line, link, photo, places }) {
  const code = await QRCode.toString(link, { type: 'svg', margin: 4, errorCorrectionLevel: 'M' });
  const code_url = `data:image/svg+xml;base64,${Buffer.from(code).toString('base64')}`;
  const card = node('div', {
    style: { display: 'flex', width, height, backgroundImage: 'linear-gradient(135deg, #0f172a, #1e40af)' },
    children: [
      node('div', { style: { ...at(places.title), fontSize: 60, fontWeight: 700, color: '#ffffff' }, children: title }),
      node('div', { style: { ...at(places.line), fontSize: 30, color: '#cbd5e1' }, children: line }),
      node('img', { src: photo, style: { ...at(places.photo), borderRadius: 24, objectFit: 'cover' } }),
      node('img', { src: code_url, style: at(places.code) }),
    ],
  });
  const svg = await satori(card, { width, height, fonts });
  return new Resvg(svg).render().asPng();
}

for await (const line of readline.createInterface({ input: process.stdin })) {
  const told = JSON.parse(line);
  const started = performance.now();
  const png = await draw(told);
  process.stdout.write(`${performance.now() - started}\n`);
  if (process.argv[2]) writeFileSync(process.argv[2], png);
}
