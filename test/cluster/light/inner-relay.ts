/**
 * Runs within the enclosure: the API server of the host's loopback on the same port of the loopback in there, by way of a
 * socket in the file system, which is the same on both sides. So no link, no route and no address joins the two.
 */
import { relay } from './relay.ts';

const [path = '', port = ''] = process.argv.slice(2);
relay({ path }).listen(Number(port), '127.0.0.1', () => process.stdout.write('listening\n'));
