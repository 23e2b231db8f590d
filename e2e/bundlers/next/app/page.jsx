import { Keepalive } from './keepalive';

export default function Page() {
  return (
    <main>
      <h1>A form</h1>
      <Keepalive />
    </main>
  );
}
