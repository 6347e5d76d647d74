import { describe, expect, it } from 'vitest'
import { sameEffect } from '../../src/runner/match-command.ts'

describe('a lab line with the same effect', () => {
  it.each([
    ['kubectl apply -f a.yaml', 'kubectl   apply  --filename=a.yaml'],
    ['kubectl apply -f a.yaml', 'kubectl apply --filename a.yaml'],
    [
      'kubectl run web --image=nginx --port 80 --expose --labels app=web',
      'kubectl run web -l app=web --image nginx --expose --port=80',
    ],
    ['kubectl run web --image=nginx', 'kubectl run --generator=run-pod/v1 web --image=nginx'],
    [
      'kubectl run --rm --restart=Never --image=alpine -i -t -l app=foo test -- ash',
      'kubectl run test --image=alpine --labels=app=foo --rm -it --restart Never -- ash',
    ],
    ['kubectl delete pod,service web', 'kubectl delete pod/web svc/web'],
    ['kubectl delete pod,service web', 'kubectl delete services,pods web'],
    ['kubectl delete networkpolicy foo', 'kubectl delete netpol foo --now'],
    [
      'kubectl exec bar -- wget -qO- --timeout 1 http://web:80/',
      'kubectl exec bar -- wget -qO- -T 2 web',
    ],
    ['kubectl exec bar -- nc -zv -w 2 web 80', 'kubectl exec bar -- wget -qO- http://web'],
  ])('%s is %s', (wanted, typed) => {
    expect(sameEffect(wanted, typed, 'lab')).toBe(true)
  })

  it.each([
    ['kubectl apply -f a.yaml', 'kubectl apply -f b.yaml'],
    ['kubectl apply -f a.yaml', 'kubectl delete -f a.yaml'],
    [
      'kubectl run web --image=nginx --labels app=web',
      'kubectl run web --image=nginx --labels app=foo',
    ],
    ['kubectl run t --image=alpine -it -- ash', 'kubectl run t --image=alpine -it -- sh'],
    ['kubectl delete pod,service web', 'kubectl delete pod web'],
    ['kubectl apply -f a.yaml', ''],
    ['kubectl exec bar -- wget -qO- http://web', 'kubectl exec foo-srv -- wget -qO- http://web'],
    ['kubectl exec bar -- wget -qO- http://web', 'kubectl exec bar -- wget -qO- http://web:81'],
    ['kubectl exec bar -- cat /etc/hosts', 'kubectl exec bar -- cat /etc/resolv.conf'],
  ])('%s is not %s', (wanted, typed) => {
    expect(sameEffect(wanted, typed, 'lab')).toBe(false)
  })
})

describe('a line in a pod with the same effect', () => {
  const page = 'wget -qO- --timeout 1 http://web:80/'
  it.each([page, 'wget -O- -T 2 web', 'wget http://web', 'nc -w 2 web 80', 'nc -zv -w 2 web 80'])(
    'opening web:80 is %s',
    (typed) => {
      expect(sameEffect(page, typed, 'pod')).toBe(true)
    },
  )
  it.each([
    'wget -qO- http://web:81/',
    'wget -qO- http://www.example.com/',
    'ping web',
    'cat /etc/hosts',
  ])('opening web:80 is not %s', (typed) => {
    expect(sameEffect(page, typed, 'pod')).toBe(false)
  })
  it('counts a ping of the same host, however often', () => {
    expect(sameEffect('ping google.com', 'ping -c 3 google.com', 'pod')).toBe(true)
  })
})
